// Indonesian or English?
import { language, speak } from '../language.ts'

export function LanguageSwitch() {
  const other = language.value === 'id' ? 'en' : 'id'
  return (
    <button type="button" class="quiet" lang={other} onClick={() => speak(other)}>
      {other === 'en' ? 'English' : 'Bahasa Indonesia'}
    </button>
  )
}
