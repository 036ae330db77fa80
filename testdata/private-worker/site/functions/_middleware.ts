// Outermost: every Function of the site runs below it.
export const onRequest: PagesFunction = async ({ request, next, data }) => {
	data.asked = new URL(request.url).pathname;
	let answer: Response;
	try {
		answer = await next();
	} catch (err) {
		answer = Response.json({ error: String(err) }, { status: 500 });
	}
	answer = new Response(answer.body, answer);
	answer.headers.set("X-Harbour", "site");
	return answer;
};
