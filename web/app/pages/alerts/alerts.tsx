// Peringatan: which alerts are there, and what is done about them? The queue, one alert, and what is held back.
import './alerts.css'
import { useRoute } from 'preact-iso'
import { Detail } from './detail.tsx'
import { HeldBack } from './held-back.tsx'
import { Queue } from './queue.tsx'

export function Alerts() {
  const { id } = useRoute().params
  if (id === undefined || id === '') return <Queue />
  return id === 'penahanan' ? <HeldBack /> : <Detail key={id} id={id} />
}
