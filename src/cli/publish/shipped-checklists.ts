/** The checklists that come with the program, in `checklists/`. */

export const SHIPPED_CHECKLISTS: readonly string[] = ['fair'];
