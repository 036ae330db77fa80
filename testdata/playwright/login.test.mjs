// What both sides of the wall see, at once: someone whom a policy allows, and someone whom none does.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { after, before, test } from 'node:test'
import { promisify } from 'node:util'
import { chromium } from 'playwright-core'

const page = 'https://reports.example.com/'

async function sundog(...args) {
  const { stdout } = await promisify(execFile)('sundog', args)
  return stdout
}

let browser, inside
before(async () => {
  inside = JSON.parse(await sundog('env', '--format', 'playwright'))
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM, // unset: the browser that Playwright installed
    proxy: inside.proxy,
    ...inside.launchOptions,
    chromiumSandbox: process.getuid?.() !== 0, // there is none for root
  })
})
after(() => browser?.close())

// ask enters an address on the login page, and returns the page that wants the code.
async function ask(t, email) {
  const context = await browser.newContext()
  t.after(() => context.close())
  const tab = await context.newPage()
  await tab.goto(page)
  assert.equal(new URL(tab.url()).host, 'acme.cloudflareaccess.com')
  await tab.fill('input[type=email]', email)
  await Promise.all([tab.waitForURL(/nonce=/), tab.press('input[type=email]', 'Enter')])
  return { tab, nonce: new URL(tab.url()).searchParams.get('nonce') }
}

test('both sides of the wall', { concurrency: true }, async (t) => {
  await Promise.all([
    t.test('alice gets in', async (t) => {
      const { tab, nonce } = await ask(t, 'alice@example.com')
      const code = (await sundog('otp', 'alice@example.com', '--nonce', nonce, '--wait', '10s')).trim()
      await tab.fill('input[name=code]', code)
      await Promise.all([tab.waitForURL(page), tab.press('input[name=code]', 'Enter')])
      assert.match(await tab.textContent('body'), /reports for alice@example\.com/)
    }),

    t.test('an outsider sees the same page, and gets no code', async (t) => {
      const { tab, nonce } = await ask(t, 'mallory@elsewhere.test')
      await assert.rejects(sundog('otp', 'mallory@elsewhere.test', '--nonce', nonce), { code: 1 })
      await tab.fill('input[name=code]', '000000')
      await tab.press('input[name=code]', 'Enter')
      await tab.waitForLoadState()
      assert.equal(new URL(tab.url()).host, 'acme.cloudflareaccess.com')
    }),

    t.test('alice need not log in by hand', async (t) => {
      const state = JSON.parse(await sundog('login', 'alice@example.com', '--for', page, '--storage-state', '-'))
      const context = await browser.newContext({ storageState: state })
      t.after(() => context.close())
      const tab = await context.newPage()
      await tab.goto(page)
      assert.equal(tab.url(), page)
      assert.match(await tab.textContent('body'), /reports for alice@example\.com/)
    }),

    t.test('nobody logs an outsider in', async () => {
      const refused = sundog('login', 'mallory@elsewhere.test', '--for', page)
      await assert.rejects(refused, { code: 1, stderr: /policy "Staff".*sundog\.yaml:\d+/s })
    }),

    t.test('a script is sent to the login', async () => {
      const context = await browser.newContext()
      const answer = await context.request.get(page, { maxRedirects: 0, ignoreHTTPSErrors: true })
      assert.equal(answer.status(), 302)
      await context.close()
    }),
  ])
})
