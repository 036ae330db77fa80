// An API route in the shape that Astro has.
import { readings } from "../../lib/gauge";

interface APIContext {
	request: Request;
	params: Record<string, unknown>;
	locals: Record<string, unknown>;
}
type APIRoute = (context: APIContext) => Promise<Response>;

export const POST: APIRoute = async ({ request }) => {
	const { station } = await request.json<{ station: string }>();
	return readings(`/readings/${encodeURIComponent(station)}`, {
		method: "POST",
		headers: { "Content-Type": "application/json" },
		body: JSON.stringify({ asked: station }),
	});
};
