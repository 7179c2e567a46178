// How wide is the screen? For drawings that cannot reflow by style alone.
import { signal } from '@preact/signals'

type Width = 'phone' | 'tablet' | 'desk'

// The same borders as in the styles.
const phone = matchMedia('(max-width: 46rem)')
const tablet = matchMedia('(max-width: 60rem)')
const now = (): Width => (phone.matches ? 'phone' : tablet.matches ? 'tablet' : 'desk')

export const width = signal<Width>(now())
for (const query of [phone, tablet])
  query.addEventListener('change', () => {
    width.value = now()
  })
