// A VPC binding: what is fetched goes to the edge, which says by a header when the service was not reached.
import { WorkerEntrypoint } from "cloudflare:workers";
export class VPC extends WorkerEntrypoint {
  async fetch(request) {
    const response = await this.env[this.ctx.props.to].fetch(request);
    const code = response.headers.get("sundog-proxy-error");
    if (code) throw new Error("ProxyError: " + code);
    return response;
  }

  async connect(socket) {
    const { localAddress } = await socket.opened; // what the caller asked for
    const out = this.env[this.ctx.props.to].connect(localAddress);
    await Promise.all([socket.readable.pipeTo(out.writable), out.readable.pipeTo(socket.writable)]);
  }
}
