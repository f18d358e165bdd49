"""GraphQL over HTTP: from an HTTP request to a GraphQL request, and from a result to an HTTP answer."""
