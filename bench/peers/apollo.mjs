// Apollo Gateway as it is measured: `node apollo.mjs SUPERGRAPH PORT`.
import { readFileSync } from "node:fs";
import { ApolloGateway } from "@apollo/gateway";
import { ApolloServer } from "@apollo/server";
import { startStandaloneServer } from "@apollo/server/standalone";

const [file, port] = process.argv.slice(2);
const silent = { debug() {}, info() {}, warn: console.warn, error: console.error };
const gateway = new ApolloGateway({ supergraphSdl: readFileSync(file, "utf8"), logger: silent });
const server = new ApolloServer({ gateway, logger: silent });
await startStandaloneServer(server, { listen: { host: "127.0.0.1", port: Number(port) } });
