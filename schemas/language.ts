// In which language are people spoken to? Indonesian first.
import { z } from 'zod'

export const Language = z.enum(['id', 'en'])
export type Language = z.infer<typeof Language>
