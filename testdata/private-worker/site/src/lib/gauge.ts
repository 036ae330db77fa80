// Where the gauge is: a hostname of the tunnel when deployed, this machine's own port in local development.
export function gaugeUrl(): string {
	return process.env.MYSERVICE_URL ?? "http://localhost:8090";
}

export async function readings(path: string, init: RequestInit = {}): Promise<Response> {
	const headers = new Headers(init.headers);
	if (process.env.MYSERVICE_CLIENT_ID) {
		headers.set("CF-Access-Client-Id", process.env.MYSERVICE_CLIENT_ID);
		headers.set("CF-Access-Client-Secret", process.env.MYSERVICE_CLIENT_SECRET ?? "");
	}
	const answer = await fetch(`${gaugeUrl()}${path}`, { ...init, headers, redirect: "manual" });
	return new Response(answer.body, { status: answer.status, headers: { "Content-Type": answer.headers.get("Content-Type") ?? "text/plain" } });
}
