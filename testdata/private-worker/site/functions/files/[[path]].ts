// Any number of segments, as a list; none is an empty one.
export const onRequest: PagesFunction<{}, "path"> = ({ params }) => Response.json(params.path ?? []);
