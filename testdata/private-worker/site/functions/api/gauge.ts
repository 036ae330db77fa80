import { readings } from "../../src/lib/gauge";

// GET asks the private gauge, and so does everything else that has no handler of its own: nothing.
export const onRequestGet: PagesFunction = async () => readings("/readings");
