// Hive Gateway as it is measured: no log; in-flight deduplication, of clients' requests and of subgraph requests,
// only where DEDUPE says so.
import { defineConfig } from "@graphql-hive/gateway";

const dedupe = process.env.DEDUPE === "1";

export const gatewayConfig = defineConfig({
  logging: false,
  inboundInflightRequestDeduplication: dedupe,
  transportEntries: { "*.http": { options: { deduplicateInflightRequests: dedupe } } },
});
