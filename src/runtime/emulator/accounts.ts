/**
 * Who asks: IBM Cloud's IAM gives a token for an API key, and the API takes the token and the instance's CRN.
 *
 *     POST /identity/token   grant_type=urn:ibm:params:oauth:grant-type:apikey&apikey=…  → {access_token, expires_in, expiration}
 *     Authorization: Bearer <token>      Service-CRN: crn:…
 */

import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { utf8 } from '../../core/bytes.ts';
import { sha256 } from '../../core/digest.ts';
import type { JsonObject } from '../../core/json.ts';
import { type Answer, json } from './answer.ts';
import { ApiError, CODES } from './api-error.ts';

export interface Account {
  readonly apiKey: string;
  readonly userId: string;
}

export interface Accounts {
  readonly crn: string;
  answerToken(form: URLSearchParams): Answer;
  /** @throws ApiError 401, 403 */
  authorize(headers: {
    readonly authorization?: string | undefined;
    readonly crn?: string | undefined;
  }): Account;
  /** Every token given so far is no longer one. */
  expireAll(): void;
}

interface Token {
  readonly account: Account;
  readonly expires: number;
}

const API_KEY_GRANT = 'urn:ibm:params:oauth:grant-type:apikey';
/** A server that runs for weeks forgets what has expired. */
const MAX_TOKENS = 10_000;

export interface AccountOptions {
  readonly crn: string;
  readonly accounts: readonly Account[];
  readonly lifetimeSeconds: number;
  readonly now: () => number;
}

export function openAccounts({ crn, accounts, lifetimeSeconds, now }: AccountOptions): Accounts {
  const tokens = new Map<string, Token>();
  const secret = randomBytes(32);

  /** A JWT, in which the official client looks up when to ask for the next. */
  function signToken(claims: JsonObject): string {
    const part = (value: JsonObject) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const signed = `${part({ alg: 'HS256', typ: 'JWT' })}.${part(claims)}`;
    return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
  }

  function give(account: Account): JsonObject {
    if (tokens.size >= MAX_TOKENS) tokens.delete(tokens.keys().next().value!);
    const expires = now() + 1000 * lifetimeSeconds;
    const token = signToken({
      iam_id: account.userId,
      iat: Math.floor(now() / 1000),
      exp: Math.floor(expires / 1000),
      jti: randomBytes(16).toString('hex'),
    });
    tokens.set(token, { account, expires });
    return {
      access_token: token,
      refresh_token: 'not_supported',
      token_type: 'Bearer',
      expires_in: lifetimeSeconds,
      expiration: Math.floor(expires / 1000),
      scope: 'ibm openid',
    };
  }

  return {
    crn,
    answerToken(form) {
      if (form.get('grant_type') !== API_KEY_GRANT)
        return iamRefusal('BXNIM0106E', 'Property missing or empty: grant_type');
      const apiKey = form.get('apikey') ?? '';
      const account = accounts.find((known) => isSame(known.apiKey, apiKey));
      if (account === undefined) return iamRefusal('BXNIM0415E', 'Provided API key could not be found.');
      return json(give(account));
    },
    authorize({ authorization = '', crn: named }) {
      const account = accountOf(authorization);
      if (account === undefined)
        throw new ApiError(
          401,
          CODES.unauthorized,
          'Unauthorized. The token is missing, unknown or expired.',
        );
      if (named === undefined) throw new ApiError(400, CODES.invalid, 'The header Service-CRN is missing.');
      if (named !== crn)
        throw new ApiError(
          403,
          CODES.forbidden,
          'The instance does not exist, or this user has no access to it.',
        );
      return account;
    },
    expireAll: () => tokens.clear(),
  };

  function accountOf(authorization: string): Account | undefined {
    const [scheme, given = ''] = authorization.split(' ', 2);
    // The official client sends the key itself where it gets no token.
    if (scheme?.toLowerCase() === 'apikey') return accounts.find((known) => isSame(known.apiKey, given));
    if (scheme?.toLowerCase() !== 'bearer') return undefined;
    const token = tokens.get(given);
    return token !== undefined && token.expires > now() ? token.account : undefined;
  }
}

function isSame(a: string, b: string): boolean {
  return timingSafeEqual(sha256(utf8(a)), sha256(utf8(b)));
}

function iamRefusal(errorCode: string, errorMessage: string): Answer {
  return json({ errorCode, errorMessage, context: { requestId: randomBytes(8).toString('hex') } }, 400);
}
