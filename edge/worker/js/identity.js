// Answers ctx.access.getIdentity() with what the edge sent along.
import { WorkerEntrypoint } from "cloudflare:workers";
export default class extends WorkerEntrypoint {
  getIdentity() {
    return this.ctx.props.jwtClaims;
  }
}
