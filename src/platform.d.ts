/**
 * The only platform globals that the pure folders may use. Node and every browser have them.
 * Anything else (`fetch`, `document`, `process`, `setTimeout` …) does not compile there.
 */

interface TextEncoder {
  encode(text?: string): Uint8Array<ArrayBuffer>;
}
declare const TextEncoder: { new (): TextEncoder };

interface TextDecoder {
  decode(bytes?: Uint8Array): string;
}
declare const TextDecoder: {
  new (label?: string, options?: { readonly fatal?: boolean; readonly ignoreBOM?: boolean }): TextDecoder;
};

interface CryptoKey {
  readonly type: string;
}
interface SubtleCrypto {
  importKey(
    format: 'raw' | 'spki',
    key: Uint8Array<ArrayBuffer>,
    algorithm: string | { readonly name: string; readonly namedCurve: string },
    extractable: boolean,
    usages: readonly 'verify'[],
  ): Promise<CryptoKey>;
  verify(
    algorithm:
      | string
      | { readonly name: string; readonly hash?: string; readonly context?: Uint8Array<ArrayBuffer> },
    key: CryptoKey,
    signature: Uint8Array<ArrayBuffer>,
    data: Uint8Array<ArrayBuffer>,
  ): Promise<boolean>;
}
declare const crypto: { readonly subtle: SubtleCrypto };

declare namespace WebAssembly {
  class Module {
    constructor(bytes: Uint8Array<ArrayBuffer>);
  }
  class Instance {
    constructor(module: Module);
    readonly exports: unknown;
  }
}
