/** `qpoe sdk`: which SDKs are usable, and installing one; and the choice that `run` makes. */

import { QpoeError } from '../../core/error.ts';
import { printable } from '../../core/printable.ts';
import { cacheFolder } from '../../sdk/cache.ts';
import { type InstallOptions, installSdk } from '../../sdk/install.ts';
import { installQdk } from '../../sdk/install-qdk.ts';
import { isPythonSdkName } from '../../sdk/python-sdk-names.ts';
import { findSdk } from '../../sdk/registry.ts';
import type { Sdk } from '../../sdk/sdk.ts';
import { INSTALLABLE_SDKS, SDK_NAMES } from '../../sdk/sdk-names.ts';
import type { Context } from '../context.ts';
import { EXIT, type ExitCode } from '../exit.ts';

export interface ChoiceOptions {
  readonly sdk?: string;
  readonly framework?: string;
  readonly python?: string;
}

export function chooseSdk(context: Context, { sdk, framework, python }: ChoiceOptions): Sdk {
  if (sdk !== undefined && framework !== undefined && sdk !== framework)
    throw new QpoeError(
      'usage',
      `--sdk ${sdk} and --framework ${framework} are two names for one thing`,
      'give one',
    );
  const { environment, config } = context;
  const name = sdk ?? framework ?? (environment.QPOE_SDK || config.sdk || 'simulator');
  return namedSdk(context, name, python);
}

export function namedSdk({ environment, config }: Context, name: string, python: string | undefined): Sdk {
  return findSdk(name, {
    python: python ?? (environment.QPOE_PYTHON || config.python),
    cacheDir: cacheFolder(environment),
    env: environment,
  });
}

export async function listSdks(context: Context, { python }: ChoiceOptions): Promise<ExitCode> {
  const found = await Promise.all(
    SDK_NAMES.map(async (name) => ({ name, ...(await namedSdk(context, name, python).status()) })),
  );
  for (const sdk of found)
    context.say(
      sdk.usable
        ? `✓ ${sdk.name.padEnd(10)} ${printable(sdk.version)}  ${printable(sdk.where)}`
        : `✗ ${sdk.name.padEnd(10)} ${printable(sdk.reason)}; ${printable(sdk.hint)}`,
    );
  context.answer('sdk-list', { sdks: found });
  return EXIT.pass;
}

export async function installNamed(
  context: Context,
  name: string,
  { python }: ChoiceOptions,
): Promise<ExitCode> {
  const options = {
    cacheDir: cacheFolder(context.environment),
    python,
    env: context.environment,
    onProgress: (line: string) => context.note(printable(line)),
    signal: context.signal,
  };
  const installed = await install(name, options);
  const where = 'python' in installed ? installed.python : installed.module;
  context.say(`${name} ${installed.fresh ? 'is installed' : 'was installed already'}: ${where}`);
  context.say(`next: qpoe run --sdk ${name}`);
  context.answer('sdk-install', { sdk: name, ...installed });
  return EXIT.pass;
}

function install(name: string, options: InstallOptions) {
  if (name === 'qdk') return installQdk(options);
  if (isPythonSdkName(name)) return installSdk(name, options);
  throw new QpoeError(
    'usage',
    `no SDK "${printable(name, 60)}" to install`,
    `\`qpoe sdk install\` takes ${INSTALLABLE_SDKS.join(', ')}`,
  );
}
