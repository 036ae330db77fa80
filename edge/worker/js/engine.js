// The engine's own Worker: one for all it does, as every further one costs milliseconds at the start.
export { default } from "front.js";
export { Tail } from "tail.js";
export { Identity } from "identity.js";
export { Probe } from "probe.js";
export { VPC } from "vpc.js";
export { Call } from "call.js";
export { Hop } from "hop.js";
export { Server } from "server.js";
