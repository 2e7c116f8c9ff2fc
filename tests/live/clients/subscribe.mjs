// A stock client of the sockets: node subscribe.mjs <graphql-ws|apollo> <url> <token> <query> <variables> <count>
// Writes "connected", then each result as a line of JSON; ends after `count` results, or with {"failed": …}.
import { createRequire } from "node:module";
import { createClient } from "graphql-ws";
import WebSocket from "ws";

globalThis.WebSocket ??= WebSocket; // Apollo names it; Node has one of its own from 22 on
const [library, url, token, query, given, count] = process.argv.slice(2);
const variables = JSON.parse(given);
const client = createClient({
  url,
  webSocketImpl: WebSocket,
  connectionParams: { Authorization: `Bearer ${token}` },
  retryAttempts: 0,
  lazy: false,
  onNonLazyError: failed,
  on: { connected: () => console.log(JSON.stringify("connected")) },
});

let left = Number(count);

function shown(result) {
  console.log(JSON.stringify(result));
  left -= 1;
  if (left === 0) end(0);
}

function failed(fault) {
  console.log(JSON.stringify({ failed: fault.code ?? fault.graphQLErrors ?? fault }));
  end(1);
}

async function end(code) {
  await client.dispose();
  process.exit(code);
}

if (library === "apollo") {
  const require = createRequire(import.meta.url);
  const { ApolloClient, InMemoryCache, gql } = require("@apollo/client/core");
  const { GraphQLWsLink } = require("@apollo/client/link/subscriptions");
  const apollo = new ApolloClient({ link: new GraphQLWsLink(client), cache: new InMemoryCache() });
  const document = gql(query);
  if (document.definitions[0].operation === "subscription") {
    apollo.subscribe({ query: document, variables }).subscribe({ next: shown, error: failed });
  } else {
    apollo.query({ query: document, variables }).then(shown, failed);
  }
} else {
  client.subscribe({ query, variables }, { next: shown, error: failed, complete: () => undefined });
}
