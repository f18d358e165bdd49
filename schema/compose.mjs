// Composes subgraphs into a supergraph: `node compose.mjs name=url=file ...` writes its SDL to standard output.
// What does not compose is told line by line on standard error, with exit status 1.
import { readFileSync } from "node:fs";
import { composeServices } from "@theguild/federation-composition";
import { parse } from "graphql";

const services = process.argv.slice(2).map((argument) => {
  const [name, url, file] = argument.split("=");
  return { name, url, typeDefs: parse(readFileSync(file, "utf8"), { noLocation: true }) };
});

const { errors, supergraphSdl } = composeServices(services);
if (errors?.length) {
  for (const error of errors) console.error(`${error.extensions?.code ?? "ERROR"}: ${error.message}`);
  process.exit(1);
}
process.stdout.write(supergraphSdl);
