// What does a User-Agent say? Browser or tool, operating system, whether it is a robot, and known research scanners by name.
import Bowser from 'bowser'
import { isbot } from 'isbot'
import type { Scanner } from '../../runtime/reference.ts'
import type { Event } from '../../schemas/event.ts'
import { bounded } from './bounded.ts'

type AgentFields = Pick<
  Event,
  'user_agent_original' | 'user_agent_name' | 'user_agent_os' | 'user_agent_bot' | 'source_scanner'
>

interface AgentFacts {
  readonly name: string
  readonly os: string
  readonly bot: 0 | 1
  readonly scanner: string
}

/** Only so many characters are looked at. */
const MAX_AGENT_LENGTH = 512

/** Programs by a mark in small letters; the one that stands first in the agent counts. */
const tools: readonly (readonly [mark: string, name: string])[] = [
  ['sqlmap', 'sqlmap'],
  ['nikto', 'Nikto'],
  ['nuclei', 'Nuclei'],
  ['masscan', 'masscan'],
  ['nmap', 'Nmap'],
  ['zgrab', 'ZGrab'],
  ['wpscan', 'WPScan'],
  ['acunetix', 'Acunetix'],
  ['nessus', 'Nessus'],
  ['openvas', 'OpenVAS'],
  ['gobuster', 'gobuster'],
  ['dirbuster', 'DirBuster'],
  ['feroxbuster', 'feroxbuster'],
  ['fuzz faster u fool', 'ffuf'],
  ['wfuzz', 'Wfuzz'],
  ['hydra', 'Hydra'],
  ['arachni', 'Arachni'],
  ['netsparker', 'Netsparker'],
  ['whatweb', 'WhatWeb'],
  ['joomscan', 'JoomScan'],
  ['commix', 'commix'],
  ['python-requests', 'python-requests'],
  ['aiohttp', 'aiohttp'],
  ['python-urllib', 'urllib'],
  ['python-httpx', 'httpx'],
  ['go-http-client', 'Go-http-client'],
  ['fasthttp', 'fasthttp'],
  ['okhttp', 'OkHttp'],
  ['apache-httpclient', 'Apache HttpClient'],
  ['libwww-perl', 'libwww-perl'],
  ['scrapy', 'Scrapy'],
  ['postmanruntime', 'Postman'],
  ['node-fetch', 'node-fetch'],
  ['axios/', 'axios'],
  ['guzzlehttp', 'Guzzle'],
  ['wget', 'Wget'],
  ['curl/', 'curl'],
  ['powershell', 'PowerShell'],
  ['headlesschrome', 'Headless Chrome'],
  ['phantomjs', 'PhantomJS'],
  ['selenium', 'Selenium'],
]

const browserLike = /^(?:Mozilla|Opera|Dalvik)\//

/** Writes name, operating system, robot flag and, where no address told, the scanner that the agent names. */
export function createAgentEnricher(scanners: readonly Scanner[]): (event: AgentFields) => void {
  const toolIn = firstMark(tools)
  const scannerIn = firstMark(
    scanners.flatMap(({ name, agents }) => agents.map((mark) => [shapeOf(mark), name] as const)),
  )
  const classify = (agent: string): AgentFacts => {
    const lower = agent.toLowerCase()
    const scanner = scannerIn(lower)
    const tool = toolIn(lower)
    const bot = scanner !== '' || tool !== '' || isbot(agent) ? 1 : 0
    if (!browserLike.test(agent)) return { name: tool, os: '', bot, scanner }
    const browser = Bowser.getParser(agent, true)
    return { name: tool || browser.getBrowserName(), os: browser.getOSName(), bot, scanner }
  }
  // Agents that differ in digits only are told apart once, so that made-up version numbers don't cost a full look each.
  const byShape = bounded(classify, 5_000, MAX_AGENT_LENGTH)
  const factsOf = bounded((agent) => byShape(shapeOf(agent)), 20_000, MAX_AGENT_LENGTH)

  return (event) => {
    const agent = event.user_agent_original
    if (agent === '') return
    const facts = factsOf(agent.length > MAX_AGENT_LENGTH ? agent.slice(0, MAX_AGENT_LENGTH) : agent)
    event.user_agent_name = facts.name
    event.user_agent_os = facts.os
    event.user_agent_bot = facts.bot
    if (event.source_scanner === '') event.source_scanner = facts.scanner
  }
}

function shapeOf(text: string): string {
  return text.replace(/\d+/g, '1')
}

/** Finds the name of the first mark in a text, '' none; one pass for all marks. */
function firstMark(marks: readonly (readonly [mark: string, name: string])[]): (lower: string) => string {
  if (marks.length === 0) return () => ''
  const names = new Map(marks)
  const pattern = new RegExp(marks.map(([mark]) => RegExp.escape(mark)).join('|'))
  return (lower) => {
    const found = pattern.exec(lower)
    return found === null ? '' : (names.get(found[0]) ?? '')
  }
}
