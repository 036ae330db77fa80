export const onRequestGet: PagesFunction<{}, "id"> = ({ params, data }) => Response.json({ station: params.id, asked: data.asked });

export const onRequestDelete: PagesFunction<{}, "id"> = ({ params }) => new Response(`${params.id} stays`, { status: 405 });
