import { POST } from "../../src/pages/api/readings";

// The route of a framework, as its adapter for Pages calls it.
export const onRequestPost: PagesFunction = ({ request, params }) => POST({ request, params, locals: {} });
