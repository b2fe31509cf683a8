/** The one way the contracts are compiled: for contracts/LogAnchor.json, and for what it is measured beside. */

import { readFileSync } from 'node:fs';
import solc from 'solc';

export const CONTRACTS = new URL('../contracts/', import.meta.url);

/** contracts/foundry.toml says the same to forge. */
export const SETTINGS = {
  optimizer: { enabled: true, runs: 10_000 },
  viaIR: true,
  // Without PUSH0, MCOPY and what came later: the code runs on every chain, and needs hardly more gas.
  evmVersion: 'paris',
  // No metadata and no hash of it at the end of the code: the code is one value, which verifiers compare a chain's with,
  // and a comment or a file's path doesn't change it.
  metadata: { bytecodeHash: 'none', appendCBOR: false },
};

export interface Compiled {
  readonly abi: readonly unknown[];
  readonly bytecode: `0x${string}`;
  readonly deployedBytecode: `0x${string}`;
}

interface Output {
  readonly errors?: readonly { readonly formattedMessage: string }[];
  readonly contracts: Record<
    string,
    Record<
      string,
      {
        readonly abi: readonly unknown[];
        readonly evm: Record<'bytecode' | 'deployedBytecode', { readonly object: string }>;
      }
    >
  >;
}

export const compilerVersion = (): string => solc.version();

/** @param name also of the contract in it; what it imports is read from contracts/ */
export function compile(name: string, source: string, settings: object = SETTINGS): Compiled {
  const path = `${name}.sol`;
  const input = {
    language: 'Solidity',
    sources: { [path]: { content: source } },
    settings: {
      ...settings,
      outputSelection: { [path]: { [name]: ['abi', 'evm.bytecode.object', 'evm.deployedBytecode.object'] } },
    },
  };
  const readImport = (imported: string): { contents: string } => ({
    contents: readFileSync(new URL(imported, CONTRACTS), 'utf8'),
  });
  const output: Output = JSON.parse(solc.compile(JSON.stringify(input), { import: readImport }));
  // A warning is an error too: nobody reads it later.
  if (output.errors) throw new Error(output.errors.map((error) => error.formattedMessage).join('\n'));
  const { abi, evm } = output.contracts[path]![name]!;
  return {
    abi,
    bytecode: `0x${evm.bytecode.object}`,
    deployedBytecode: `0x${evm.deployedBytecode.object}`,
  };
}
