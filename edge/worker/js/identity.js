// Answers ctx.access.getIdentity() with what the edge sent along.
import { WorkerEntrypoint } from "cloudflare:workers";
export class Identity extends WorkerEntrypoint {
  getIdentity() {
    return this.ctx.props.jwtClaims;
  }
}
