// The origin: it shows who Access says is asking.
import { createServer } from 'node:http'

createServer((request, response) => {
  response.setHeader('content-type', 'text/plain')
  response.end(`reports for ${request.headers['cf-access-authenticated-user-email']}\n`)
}).listen(8787, '127.0.0.1')
