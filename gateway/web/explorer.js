"use strict";

const field = (id) => document.getElementById(id);
const TYPES = `{
  __schema {
    types { kind name description fields { name type { kind name ofType { kind name ofType { name } } } } }
  }
}`;
const FIRST = "# Write a query, then press Run.\n{\n  __typename\n}\n";

async function run(query, variables) {
  const headers = {
    "Content-Type": "application/json",
    Accept: "application/graphql-response+json, application/json",
  };
  const token = field("token").value.trim();
  if (token) headers.Authorization = `Bearer ${token}`;
  field("status").textContent = "Running…";
  const started = performance.now();
  try {
    const response = await fetch("/graphql", {
      method: "POST",
      headers,
      body: JSON.stringify({ query, variables }),
    });
    const text = await response.text();
    const ms = Math.round(performance.now() - started);
    field("status").textContent = `HTTP ${response.status}, ${text.length} characters, ${ms} ms`;
    field("answer").textContent = pretty(text);
  } catch (error) {
    field("status").textContent = `The gateway cannot be reached: ${error.message}`;
  }
}

function pretty(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

function submit() {
  let variables = {};
  const given = field("variables").value.trim();
  if (given) {
    try {
      variables = JSON.parse(given);
    } catch (error) {
      field("status").textContent = `The variables are not JSON: ${error.message}`;
      field("variables").focus();
      return;
    }
  }
  sessionStorage.setItem("query", field("query").value);
  run(field("query").value, variables);
}

field("query").value = sessionStorage.getItem("query") || FIRST;
field("request").addEventListener("submit", (event) => {
  event.preventDefault();
  submit();
});
field("request").addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    submit();
  }
});
field("types").addEventListener("click", () => run(TYPES, {}));
