// Makes fetch and WebSocket of an older Node.js obey HTTP_PROXY, HTTPS_PROXY and NO_PROXY, as
// NODE_USE_ENV_PROXY=1 does in 22.21, 24.0 and later; and in any Node.js the agents of http and https that
// a program makes itself, which that variable does not reach. For Node.js 12 and later.
'use strict';

(function () {
  const loaded = Symbol.for('sundog.nodeProxy');
  if (globalThis[loaded] || process.env.NODE_USE_ENV_PROXY !== '1') return;
  Object.defineProperty(globalThis, loaded, { value: true });

  const version = process.versions.node.split('.').map(Number);
  const fetchObeys = version[0] >= 24 || (version[0] === 22 && version[1] >= 21);

  const net = require('net');
  const tls = require('tls');

  // The proxy for a host, or null where the connection is direct.
  function proxyFor(host, port, secure) {
    const env = process.env;
    const text = secure ? env.https_proxy || env.HTTPS_PROXY : env.http_proxy || env.HTTP_PROXY;
    if (!text || !host || bypasses(String(host).replace(/^\[|\]$/g, '').toLowerCase(), String(port))) return null;
    try {
      const url = new URL(text);
      return url.protocol === 'http:' ? url : null;
    } catch (err) {
      return null;
    }
  }

  function bypasses(host, port) {
    const list = process.env.no_proxy || process.env.NO_PROXY || '';
    return list.toLowerCase().split(/[\s,;]+/).some((entry) => {
      if (entry === '') return false;
      if (entry === '*') return true;
      const cut = /^(\[.*\]|[^:]*):(\d+)$/.exec(entry);
      if (cut && cut[2] !== port) return false;
      const name = (cut ? cut[1] : entry).replace(/^\[|\]$/g, '');
      if (name.indexOf('/') > 0) return inside(host, name);
      const tail = name.replace(/^\*?\./, '');
      return host === tail || host.endsWith('.' + tail);
    });
  }

  function inside(host, range) {
    const cut = range.split('/');
    const family = net.isIP(cut[0]);
    if (!family || net.isIP(host) !== family || !net.BlockList) return false;
    const block = new net.BlockList();
    try {
      block.addSubnet(cut[0], Number(cut[1]), 'ipv' + family);
      return block.check(host, 'ipv' + family);
    } catch (err) {
      return false;
    }
  }

  // Opens a CONNECT and calls done(error, socket).
  function tunnel(proxy, host, port, done) {
    const authority = (net.isIP(host) === 6 ? '[' + host + ']' : host) + ':' + port;
    const socket = net.connect(Number(proxy.port || 80), proxy.hostname.replace(/^\[|\]$/g, ''));
    let head = Buffer.alloc(0);
    const leave = () => {
      socket.removeListener('readable', read);
      socket.removeListener('error', fail);
      socket.removeListener('end', early);
    };
    const fail = (err) => {
      leave();
      socket.on('error', () => {});
      socket.destroy();
      done(err);
    };
    const early = () => fail(new Error('the proxy closed the connection before it answered for ' + authority));
    function read() {
      for (let chunk = socket.read(); chunk !== null; chunk = socket.read()) head = Buffer.concat([head, chunk]);
      const end = head.indexOf('\r\n\r\n');
      if (end < 0 && head.length < 65536) return;
      const text = head.toString('latin1', 0, Math.max(end, 0));
      const status = /^HTTP\/1\.[01] (\d{3})/.exec(text);
      if (!status || status[1] !== '200') {
        const why = /^sundog-why: *(.*)$/im.exec(text);
        const err = new Error(why ? why[1] : 'the proxy answers ' + (status ? status[1] : 'no HTTP') + ' for ' + authority);
        err.code = 'ERR_PROXY_TUNNEL';
        return fail(err);
      }
      leave();
      if (head.length > end + 4) socket.unshift(head.slice(end + 4));
      done(null, socket);
    }
    socket.on('error', fail);
    socket.on('end', early);
    socket.on('readable', read);
    let request = 'CONNECT ' + authority + ' HTTP/1.1\r\nHost: ' + authority + '\r\n';
    if (proxy.username || proxy.password) {
      const pair = decodeURIComponent(proxy.username) + ':' + decodeURIComponent(proxy.password);
      request += 'Proxy-Authorization: Basic ' + Buffer.from(pair).toString('base64') + '\r\n';
    }
    socket.write(request + '\r\n');
  }

  // Every agent that makes its connections as http.Agent does, unless it knows of proxies itself.
  function agents(module, secure) {
    const direct = module.Agent.prototype.createConnection;
    module.Agent.prototype.createConnection = function (options, done) {
      const port = options && (options.port || (secure ? 443 : 80));
      const host = options && (options.host || options.hostname);
      const proxy = options && !options.socketPath && !knows(this) ? proxyFor(host, port, secure) : null;
      if (!proxy) return direct.apply(this, arguments);
      tunnel(proxy, host, port, (err, socket) => {
        if (err) return done(err);
        if (!secure) return done(null, socket);
        const given = Object.assign({}, options, { socket, path: undefined, port: undefined, host: undefined });
        if (given.servername === undefined && !net.isIP(host)) given.servername = host;
        done(null, tls.connect(given));
      });
    };
  }
  const knows = (agent) => Boolean(agent && agent.options && agent.options.proxyEnv);
  agents(require('http'), false);
  agents(require('https'), true);

  if (fetchObeys || typeof globalThis.fetch !== 'function') return;

  // fetch and WebSocket share one dispatcher, which comes into being with the first use of either, so it is
  // replaced then and costs a program that uses neither nothing.
  const key = Symbol.for('undici.globalDispatcher.1');
  function connect(options, done) {
    const secure = options.protocol === 'https:';
    const host = String(options.hostname).replace(/^\[|\]$/g, '');
    const port = Number(options.port || (secure ? 443 : 80));
    const proxy = proxyFor(host, port, secure);
    let called = false;
    const once = (err, socket) => {
      if (called) return;
      called = true;
      done(err, socket);
    };
    const encrypt = (socket) => {
      const name = options.servername || (net.isIP(host) ? '' : host);
      const given = tls.connect({ socket, servername: name, ALPNProtocols: ['http/1.1'] });
      given.once('secureConnect', () => once(null, given));
      given.once('error', once);
    };
    if (proxy) {
      tunnel(proxy, host, port, (err, socket) => {
        if (err) return once(err);
        if (secure) return encrypt(socket);
        once(null, socket);
      });
      return;
    }
    const socket = net.connect(port, host);
    socket.setNoDelay(true);
    socket.once('error', once);
    socket.once('connect', () => (secure ? encrypt(socket) : once(null, socket)));
  }

  const plain = globalThis.fetch;
  let installed = false;
  function install() {
    if (installed) return;
    installed = true;
    const theirs = globalThis[key]; // a dispatcher that the program has chosen stays
    Promise.resolve(plain('data:,')).catch(() => {});
    const agent = globalThis[key];
    if (theirs || !agent) return;
    globalThis[key] = new agent.constructor({ connect });
  }
  const wrapped = {
    fetch(input, init) {
      install();
      return plain(input, init);
    },
  };
  Object.defineProperty(globalThis, 'fetch', { value: wrapped.fetch, writable: true, enumerable: true, configurable: true });
  const socket = Object.getOwnPropertyDescriptor(globalThis, 'WebSocket');
  if (socket) {
    Object.defineProperty(globalThis, 'WebSocket', {
      get() {
        install();
        return socket.get ? socket.get.call(globalThis) : socket.value;
      },
      set(value) {
        Object.defineProperty(globalThis, 'WebSocket', { value, writable: true, enumerable: false, configurable: true });
      },
      enumerable: false, configurable: true,
    });
  }
})();
