// openid-client, as most applications on Node use it.
import { importJWK } from "jose";
import * as client from "openid-client";
import { browse, end, heard, refused } from "./speaking.mjs";

const { grant, issuer, resource, client: id, secret, key, dpop, scope, redirect, query, pushed } = await heard();
const authentication = key
  ? client.PrivateKeyJwt({ key: await importJWK(key, key.alg), kid: key.kid })
  : client.ClientSecretBasic(secret);
const config = await client.discovery(new URL(issuer), id, undefined, authentication, {
  algorithm: "oauth2",
  execute: [client.allowInsecureRequests], // the gateway under test is on loopback
});
const options = dpop ? { DPoP: client.getDPoPHandle(config, await client.randomDPoPKeyPair(dpop)) } : undefined;

async function granted() {
  if (grant === "client_credentials") {
    return await client.clientCredentialsGrant(config, { scope, resource }, options);
  }
  const verifier = client.randomPKCECodeVerifier();
  const state = client.randomState();
  const build = pushed ? client.buildAuthorizationUrlWithPAR : client.buildAuthorizationUrl;
  const authorize = await build(config, {
    redirect_uri: redirect,
    scope,
    resource,
    state,
    code_challenge: await client.calculatePKCECodeChallenge(verifier),
    code_challenge_method: "S256",
  }, options);
  return await client.authorizationCodeGrant(
    config,
    await browse(authorize),
    { pkceCodeVerifier: verifier, expectedState: state },
    undefined,
    options,
  );
}

async function asked(token) {
  const response = await client.fetchProtectedResource(
    config,
    token,
    new URL(resource),
    "POST",
    JSON.stringify({ query }),
    new Headers({ "content-type": "application/json" }),
    options,
  );
  return await response.json();
}

const token = await granted();
const result = {
  type: token.token_type,
  scope: token.scope,
  answer: await asked(token.access_token),
  before: await client.tokenIntrospection(config, token.access_token),
};
if (token.refresh_token) {
  const next = await client.refreshTokenGrant(config, token.refresh_token, undefined, options);
  result.refreshed = await asked(next.access_token);
  result.reused = await refused(() =>
    client.refreshTokenGrant(config, token.refresh_token, undefined, options),
  );
  result.family = await client.tokenIntrospection(config, next.access_token);
} else {
  await client.tokenRevocation(config, token.access_token);
}
result.after = await client.tokenIntrospection(config, token.access_token);
end(result);
