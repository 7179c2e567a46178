// Which rule do tests use that count attacks? One of their own, so that each request to /serang is one finding and no shipped rule adds another.

export const ATTACK_RULE = `title: Attack of a test
id: 7f1d9f3a-5b53-4e43-9a51-0a54b38c7d11
level: high
logsource: {category: webserver}
tags: [attack.initial-access, attack.t1190]
detection:
  attack: {cs-uri-stem|contains: /serang}
  condition: attack
`
