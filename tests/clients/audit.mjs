// The audit of the GraphQL over HTTP specification's own implementation: `node audit.mjs URL [HEADER=VALUE ...]` prints
// its results as JSON. The headers go with every request.
import { serverAudits } from "graphql-http";

const [url, ...given] = process.argv.slice(2);
const headers = Object.fromEntries(given.map((header) => header.split("=")));
const fetchFn = (target, options = {}) =>
  fetch(target, { ...options, headers: { ...options.headers, ...headers } });

const results = [];
for (const audit of serverAudits({ url, fetchFn })) {
  const { id, name, status, reason } = await audit.fn();
  results.push({ id, name, status, reason });
}
process.stdout.write(`${JSON.stringify({ result: results })}\n`);
