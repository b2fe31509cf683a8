/** Why a provider's answer was not understood. Its bytes are kept all the same: this is said in the record, and no error. */

export class Undecodable extends Error {
  constructor(reason: string) {
    super(reason);
    this.name = 'Undecodable';
  }
}
