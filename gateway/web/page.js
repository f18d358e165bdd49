// Puts GraphiQL on the page. The token stays in this tab: headers are not kept in the browser's storage.
const { GraphiQL, React, ReactDOM } = window;

const headers = { Authorization: "Bearer PASTE-A-TOKEN" };
const query = `# 1. Print a token:  .venv/bin/vereda token demo-clinic
# 2. Paste it into "Headers" below, then press Ctrl+Enter here.
# 3. The book on the left reads the schema, with the same token: press its reload button once.
{
  services(first: 3, filter: { languages: ["spa"], withCapacity: true }) {
    nodes {
      name
      organization { name }
    }
  }
}
`;

ReactDOM.createRoot(document.getElementById("graphiql")).render(
  React.createElement(GraphiQL, {
    fetcher: GraphiQL.createFetcher({ url: "/graphql" }),
    defaultQuery: query,
    defaultHeaders: JSON.stringify(headers, null, 2),
    shouldPersistHeaders: false,
  }),
);
