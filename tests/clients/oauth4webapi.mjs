// oauth4webapi, step by step, as strict as it is: from the resource's metadata to a token that was revoked.
import { importJWK } from "jose";
import * as oauth from "oauth4webapi";
import { browse, end, heard, refused } from "./speaking.mjs";

const { grant, resource, client: id, secret, key, dpop, scope, redirect, query, pushed } = await heard();
const insecure = { [oauth.allowInsecureRequests]: true }; // the gateway under test is on loopback

// RFC 9728, RFC 8414: where tokens for the resource are given.
const target = new URL(resource);
const described = await oauth.processResourceDiscoveryResponse(
  target,
  await oauth.resourceDiscoveryRequest(target, insecure),
);
const issuer = new URL(described.authorization_servers[0]);
const server = await oauth.processDiscoveryResponse(
  issuer,
  await oauth.discoveryRequest(issuer, { algorithm: "oauth2", ...insecure }),
);

const client = { client_id: id };
const authentication = key
  ? oauth.PrivateKeyJwt({ key: await importJWK(key, key.alg), kid: key.kid })
  : oauth.ClientSecretBasic(secret);
const proof = dpop ? oauth.DPoP(client, await oauth.generateKeyPair(dpop)) : undefined;
const options = { ...insecure, DPoP: proof };

/** Once more where a nonce was asked for (RFC 9449 §8, §9): the client has it then. */
async function withNonce(request) {
  try {
    return await request();
  } catch (error) {
    if (!oauth.isDPoPNonceError(error)) throw error;
    return await request();
  }
}

/** RFC 9126: the request goes to the server itself; the browser carries a reference to it. */
async function referred(request) {
  const { request_uri } = await withNonce(async () =>
    oauth.processPushedAuthorizationResponse(
      server,
      client,
      await oauth.pushedAuthorizationRequest(server, client, authentication, request, options),
    ),
  );
  return new URLSearchParams({ client_id: id, request_uri });
}

async function granted() {
  if (grant === "client_credentials") {
    return await withNonce(async () =>
      oauth.processClientCredentialsResponse(
        server,
        client,
        await oauth.clientCredentialsGrantRequest(server, client, authentication, { scope, resource }, options),
      ),
    );
  }
  const verifier = oauth.generateRandomCodeVerifier();
  const state = oauth.generateRandomState();
  const authorize = new URL(server.authorization_endpoint);
  const asked = new URLSearchParams({
    response_type: "code",
    client_id: id,
    redirect_uri: redirect,
    scope,
    resource,
    state,
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
    code_challenge_method: "S256",
    ...(proof && { dpop_jkt: await proof.calculateThumbprint() }),
  });
  authorize.search = (pushed ? await referred(asked) : asked).toString();
  const back = oauth.validateAuthResponse(server, client, await browse(authorize), state);
  const exchanged = () =>
    oauth.authorizationCodeGrantRequest(server, client, authentication, back, redirect, verifier, options);
  return await withNonce(async () =>
    oauth.processAuthorizationCodeResponse(server, client, await exchanged()),
  );
}

async function asked(token) {
  const headers = new Headers({ "content-type": "application/json" });
  const response = await withNonce(() =>
    oauth.protectedResourceRequest(token, "POST", target, headers, JSON.stringify({ query }), options),
  );
  return await response.json();
}

async function introspected(token) {
  const response = await oauth.introspectionRequest(server, client, authentication, token, insecure);
  return await oauth.processIntrospectionResponse(server, client, response);
}

async function refreshed(token) {
  return await withNonce(async () =>
    oauth.processRefreshTokenResponse(
      server,
      client,
      await oauth.refreshTokenGrantRequest(server, client, authentication, token, options),
    ),
  );
}

async function revoked(token) {
  await oauth.processRevocationResponse(
    await oauth.revocationRequest(server, client, authentication, token, insecure),
  );
}

const token = await granted();
const carrying = new Request(target, { headers: { authorization: `Bearer ${token.access_token}` } });
const result = {
  type: token.token_type,
  scope: token.scope,
  // RFC 9068 §4: as a resource server that was not written by us would check it. A bound token needs its proof there.
  claims: dpop ? null : await oauth.validateJwtAccessToken(server, carrying, resource, insecure),
  answer: await asked(token.access_token),
  before: await introspected(token.access_token),
};
if (token.refresh_token) {
  const next = await refreshed(token.refresh_token);
  result.refreshed = await asked(next.access_token);
  result.reused = await refused(() => refreshed(token.refresh_token));
  result.family = await introspected(next.access_token);
} else {
  await revoked(token.access_token);
}
result.after = await introspected(token.access_token);
end(result);
