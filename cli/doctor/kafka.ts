// Are the topics kept as the configuration says, with every copy in step, and does a transaction begin?
import { errorText, SiagaError } from '../../runtime/errors.ts'
import type { KafkaClient, KafkaState, TopicSettings, TopicState } from '../../runtime/kafka.ts'
import { type Examined, ok, type Said, trouble } from './examined.ts'

/** Settings whose difference loses something: age, whose clock it goes by, copies that must have a record, when it is on the disk, what is kept of a key, how large a page may be. */
const weighed = [
  'retention.ms',
  'message.timestamp.type',
  'min.insync.replicas',
  'flush.messages',
  'cleanup.policy',
  'max.message.bytes',
]

/** What the brokers say, against the topics that the configuration asks for. */
export function examineTopics(state: KafkaState, settings: readonly TopicSettings[]): Examined[] {
  const found = new Map(state.topics.map((topic) => [topic.topic, topic]))
  const troubles = settings.flatMap((wanted) => {
    const topic = found.get(wanted.topic)
    return topic === undefined ? [missing(wanted.topic)] : compare(topic, wanted)
  })
  const brokers = judgeBrokers(state.brokers, Math.max(0, ...settings.map(({ replication }) => replication)))
  if (troubles.length > 0) return [brokers, ...troubles]
  const partitions = state.topics.reduce((sum, topic) => sum + topic.partitions.length, 0)
  return [
    brokers,
    ok(
      'topics',
      `${settings.length} topik, ${partitions} partisi, semua salinan seiring`,
      `${settings.length} topics, ${partitions} partitions, every copy in step`,
    ),
  ]
}

/** Alerts and the schedule are kept in transactions, which need a topic of the brokers' own with its own number of copies. Begins one, which holds nothing. */
export async function examineTransactions(kafka: Pick<KafkaClient, 'connectTransactional'>): Promise<Examined> {
  const begins = ok('transactions', 'transaksi dapat dimulai', 'transactions begin')
  try {
    await (await kafka.connectTransactional('siaga-doctor')).close()
    return begins
  } catch (error) {
    // Somebody else examines at the same time.
    if (error instanceof SiagaError && error.code === 'SCHEDULER_FENCED') return begins
    return trouble(
      'transactions',
      'wrong',
      { id: `transaksi tidak dapat dimulai: ${errorText(error)}`, en: `no transaction begins: ${errorText(error)}` },
      {
        id: 'Tanpa transaksi tidak ada peringatan dan jadwal. Jumlah broker harus sebanyak transaction.state.log.replication.factor dan transaction.state.log.min.isr mereka; pengguna Siaga perlu semua hak atas transactional id yang berawalan siaga-.',
        en: "Without them there are no alerts and no schedule. There must be as many brokers as their transaction.state.log.replication.factor and transaction.state.log.min.isr ask for; Siaga's user needs all rights on transactional ids that begin with siaga-.",
      },
    )
  }
}

function judgeBrokers(brokers: number, copies: number): Examined {
  if (brokers >= copies) return ok('kafka', `broker yang menjawab: ${brokers}`, `brokers that answer: ${brokers}`)
  return trouble(
    'kafka',
    'wrong',
    {
      id: `${brokers} broker menjawab, padahal kafka.replication ${copies}`,
      en: `${brokers} brokers answer, where kafka.replication is ${copies}`,
    },
    {
      id: 'Hidupkan broker yang mati; topik baru tidak dapat dibuat sampai jumlahnya cukup.',
      en: 'Bring back the broker that is away; no topic can be made until there are enough.',
    },
  )
}

const missing = (topic: string): Examined =>
  trouble(
    'topics',
    'wrong',
    { id: `${topic}: belum ada`, en: `${topic}: is not there` },
    {
      id: 'Jalankan siaga start atau siaga ingest; topik dibuat sendiri.',
      en: 'Run siaga start or siaga ingest: it is made.',
    },
  )

function compare({ topic, partitions, config }: TopicState, wanted: TopicSettings): Examined[] {
  const say = (state: 'warning' | 'wrong', found: Said, todo: Said): Examined =>
    trouble('topics', state, { id: `${topic}: ${found.id}`, en: `${topic}: ${found.en}` }, todo)
  const list: Examined[] = []
  const headless = partitions.filter(({ leader }) => leader < 0).map(({ partition }) => partition)
  if (headless.length > 0)
    list.push(
      say(
        'wrong',
        { id: `partisi ${headless.join(', ')} tanpa pemimpin`, en: `no leader for partition ${headless.join(', ')}` },
        { id: 'Hidupkan broker yang memegangnya.', en: 'Bring back the broker that has it.' },
      ),
    )
  // What is written waits for so many copies. Without a leader there are none, which has been said.
  const least = Number(config['min.insync.replicas'] ?? 1)
  const led = partitions.filter(({ leader }) => leader >= 0)
  const closed = led.filter(({ inSync }) => inSync < least).map(({ partition }) => partition)
  if (closed.length > 0)
    list.push(
      say(
        'wrong',
        {
          id: `partisi ${closed.join(', ')} tidak menerima apa pun: salinan yang seiring kurang dari min.insync.replicas ${least}`,
          en: `partition ${closed.join(', ')} accepts nothing: fewer copies in step than min.insync.replicas ${least}`,
        },
        {
          id: 'Hidupkan broker yang mati atau tertinggal; sampai itu terjadi pengumpul menolak atau menahan yang datang.',
          en: 'Bring back the broker that is away or behind; until then collectors refuse or hold what comes.',
        },
      ),
    )
  const behind = led
    .filter(({ replicas, inSync }) => inSync < replicas && inSync >= least)
    .map(({ partition }) => partition)
  if (behind.length > 0)
    list.push(
      say(
        'warning',
        {
          id: `salinan partisi ${behind.join(', ')} tertinggal`,
          en: `copies of partition ${behind.join(', ')} are behind`,
        },
        {
          id: 'Sebuah broker mati atau lambat: periksa log dan disknya.',
          en: 'A broker is away or slow: look at its log and its disk.',
        },
      ),
    )
  const copies = Math.min(...partitions.map(({ replicas }) => replicas))
  if (copies < wanted.replication)
    list.push(
      say(
        'warning',
        {
          id: `${copies} salinan, padahal kafka.replication ${wanted.replication}`,
          en: `${copies} copies, where kafka.replication is ${wanted.replication}`,
        },
        {
          id: 'Tambah salinan dengan kafka-reassign-partitions.sh.',
          en: 'Add copies with kafka-reassign-partitions.sh.',
        },
      ),
    )
  if (partitions.length < wanted.partitions)
    list.push(
      say(
        'warning',
        {
          id: `${partitions.length} partisi untuk ${wanted.partitions} pekerja: sebagian menganggur`,
          en: `${partitions.length} partitions for ${wanted.partitions} workers: some have nothing to do`,
        },
        {
          id: `kafka-topics.sh --alter --topic ${topic} --partitions ${wanted.partitions}`,
          en: `kafka-topics.sh --alter --topic ${topic} --partitions ${wanted.partitions}`,
        },
      ),
    )
  for (const name of weighed) {
    const asked = wanted.config[name]
    const is = config[name]
    if (asked === undefined || is === asked) continue
    list.push(
      say(
        'warning',
        { id: `${name} adalah ${is}, menurut siaga.yaml ${asked}`, en: `${name} is ${is}, by siaga.yaml ${asked}` },
        {
          id: `kafka-configs.sh --alter --entity-type topics --entity-name ${topic} --add-config ${name}=${asked}`,
          en: `kafka-configs.sh --alter --entity-type topics --entity-name ${topic} --add-config ${name}=${asked}`,
        },
      ),
    )
  }
  return list
}
