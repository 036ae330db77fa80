import { RpcTarget, WorkerEntrypoint } from "cloudflare:workers";

interface Session {
	id: string;
	owner: string;
	since: Date;
}

const sessions = new Map<string, Session>([["lamp-1", { id: "lamp-1", owner: "keeper@example.org", since: new Date(Date.UTC(2026, 2, 22)) }]]);

// What other Workers of the account may call.
export default class extends WorkerEntrypoint {
	checkSession(id: string): Session | null {
		return sessions.get(id) ?? null;
	}

	requireSession(id: string): Session {
		const found = sessions.get(id);
		if (!found) {
			throw Object.assign(new RangeError(`no session ${id}`), { code: "NO_SESSION" });
		}
		return found;
	}

	// A callback runs where it came from.
	async eachSession(tell: (s: Session) => Promise<void>): Promise<number> {
		for (const s of sessions.values()) {
			await tell(s);
		}
		return sessions.size;
	}

	logbook(): ReadableStream<Uint8Array> {
		const lines = ["first watch\n", "second watch\n"];
		const utf8 = new TextEncoder();
		return new ReadableStream({
			type: "bytes",
			pull(controller) {
				const line = lines.shift();
				if (line === undefined) {
					controller.close();
				} else {
					controller.enqueue(utf8.encode(line));
				}
			},
		});
	}

	override async fetch(request: Request): Promise<Response> {
		const id = new URL(request.url).searchParams.get("session");
		const found = id === null ? undefined : sessions.get(id);
		return found ? Response.json(found) : new Response("no such session", { status: 403 });
	}
}

// Counting is a target that remembers between calls, as long as the caller holds it.
class Counting extends RpcTarget {
	#n = 0;
	next() {
		return ++this.#n;
	}
}

// Keeper is a second entrypoint. What a caller may do there, its binding says.
export class Keeper extends WorkerEntrypoint<unknown, { role?: string }> {
	revoke(id: string): string {
		const { role } = this.ctx.props;
		if (role !== "keeper") {
			throw new Error(`the binding's role is ${role ?? "none"}, and only a keeper revokes`);
		}
		return `${id} would be revoked by a ${role}`;
	}

	counting() {
		return new Counting();
	}
}
