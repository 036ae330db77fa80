import { createRemoteJWKSet, errors, jwtVerify } from "jose";

export interface AccessSettings {
	TEAM_DOMAIN: string; // "https://harbour.cloudflareaccess.com"
	POLICY_AUD: string; // the application's AUD tag
}

type Asked = { name: string; machine: boolean } | { refused: string; status: 403 | 500 };

// Keys are fetched once for each team, and again by jose when it meets one that it does not know.
const keys = new Map<string, ReturnType<typeof createRemoteJWKSet>>();

function keysOf(team: string) {
	let set = keys.get(team);
	if (!set) {
		set = createRemoteJWKSet(new URL("/cdn-cgi/access/certs", team));
		keys.set(team, set);
	}
	return set;
}

// whoAsks believes the token that Access put into the request, and nothing else that the request says of itself.
export async function whoAsks(request: Request, env: AccessSettings): Promise<Asked> {
	if (!env.TEAM_DOMAIN || !env.POLICY_AUD) {
		return { refused: "TEAM_DOMAIN or POLICY_AUD is not set", status: 500 };
	}
	const assertion = request.headers.get("Cf-Access-Jwt-Assertion");
	if (!assertion) {
		return { refused: "this request did not come through Access", status: 403 };
	}
	try {
		const { payload } = await jwtVerify(assertion, keysOf(env.TEAM_DOMAIN), {
			issuer: env.TEAM_DOMAIN,
			audience: env.POLICY_AUD,
			requiredClaims: ["exp"], // jose checks it where it is, and does not ask for it
		});
		// A person has an address, a service token its client id.
		const machine = typeof payload.email !== "string";
		return { name: String(machine ? payload.common_name : payload.email), machine };
	} catch (err) {
		const why = err instanceof errors.JOSEError ? `${err.code}: ${err.message}` : String(err);
		return { refused: why, status: 403 };
	}
}
