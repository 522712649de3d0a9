// A certified OpenID provider (npm oidc-provider) on a loopback port, for tests. It prints its address, and signs anybody in without asking: the
// test says as whom, in a header. Usage: node server.mjs <port> <portal-origin> <client-key.jwk>
import { readFileSync } from "node:fs";
import { Provider } from "oidc-provider";

const [port, portal, keyFile] = process.argv.slice(2);
const issuer = `http://127.0.0.1:${port}`;
const common = {
  redirect_uris: [`${portal}/sign-in/callback`], response_types: ["code"], grant_types: ["authorization_code"], id_token_signed_response_alg: "RS256",
  backchannel_logout_session_required: true,
};
const clients = [
  { ...common, client_id: "jwt", token_endpoint_auth_method: "private_key_jwt", token_endpoint_auth_signing_alg: "ES256",
    jwks: { keys: [JSON.parse(readFileSync(keyFile, "utf8"))] }, backchannel_logout_uri: `${portal}/back-channel-logout/test` },
  { ...common, client_id: "basic", client_secret: "a secret of at least thirty-two characters", token_endpoint_auth_method: "client_secret_basic",
    backchannel_logout_uri: `${portal}/back-channel-logout/test` },
  { ...common, client_id: "post", client_secret: "a secret of at least thirty-two characters", token_endpoint_auth_method: "client_secret_post",
    backchannel_logout_uri: `${portal}/back-channel-logout/test` },
];

// Who can sign in, in the shapes of three kinds of provider.
const roles = (ods, code, name, activities) => ({ person_roleid: `9002-${ods}`, org_code: ods, role_code: `S8000:G8000:${code}`, role_name: name, activity_codes: activities });
const people = {
  cis2: { nhsid_useruid: "900100000001", name: "NAIR Priya Dr", nhsid_nrbac_roles: [roles("RZB", "R8000", "Clinical Practitioner", ["B0360"])], nhsid_user_orgs: [{ org_code: "RZB", org_name: "Bowland" }], selected_roleid: "9002-RZB", authentication_assurance_level: 3 },
  entra: { oid: "11111111-2222-3333-4444-555555555555", tid: "tenant-1", preferred_username: "s.khan@nhs.example", name: "Sana Khan", groups: ["g-nurses"] },
  keycloak: { name: "Tom Webb", employee: "W123", realm_access: { roles: ["offline", "social-worker"] }, ods: "991", organisation: "Wyrefield Council" },
};
const claimNames = [...new Set(Object.values(people).flatMap(Object.keys))];

const provider = new Provider(issuer, {
  clients,
  features: { backchannelLogout: { enabled: true }, devInteractions: { enabled: false }, rpInitiatedLogout: { enabled: true }, claimsParameter: { enabled: true } },
  claims: { openid: ["sub", "sid", "acr", "amr", "auth_time", ...claimNames] },
  conformIdTokenClaims: false,
  acrValues: ["AAL1_USERPASS", "AAL2_ANY", "AAL2_OR_AAL3_ANY", "AAL3_ANY"],
  scopes: ["openid", "nationalrbacaccess"],
  pkce: { required: () => true },
  findAccount: (_ctx, id) => ({ accountId: id, claims: () => ({ sub: id, ...people[id.split("-")[0]] }) }),
  interactions: { url: (_ctx, interaction) => `/interaction/${interaction.uid}` },
  // The portal under test stands on a loopback address too, which the provider would not call otherwise.
  fetch: (url, options) => { delete options?.dispatcher; return globalThis.fetch(url, options); },
  ttl: { Interaction: 600, Session: 3600, Grant: 3600, AccessToken: 600, IdToken: 600, AuthorizationCode: 60 },
  cookies: { keys: ["test"] },
});

// acr and amr come from the interaction alone: "x-as: <person> <acr> <amr>".
provider.use(async (ctx, next) => {
  if (!ctx.path.startsWith("/interaction/")) return next();
  const details = await provider.interactionDetails(ctx.req, ctx.res);
  const [as, acr, amr] = ctx.get("x-as").split(" ");
  if (details.prompt.name === "login") {
    await provider.interactionFinished(ctx.req, ctx.res, { login: { accountId: as, acr, amr: [amr] } }, { mergeWithLastSubmission: false });
  } else {
    const grant = new provider.Grant({ accountId: details.session.accountId, clientId: details.params.client_id });
    grant.addOIDCScope("openid nationalrbacaccess");
    await provider.interactionFinished(ctx.req, ctx.res, { consent: { grantId: await grant.save() } }, { mergeWithLastSubmission: true });
  }
});

provider.listen(Number(port), "127.0.0.1", () => console.log(`READY ${issuer}`));
