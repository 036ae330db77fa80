// Below the site's own middleware, and above the API's Functions.
export const onRequest: PagesFunction = async ({ next }) => {
	const answer = await next();
	answer.headers.append("X-Harbour-Layer", "api");
	return answer;
};
