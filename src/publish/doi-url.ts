/** A DOI as an address: it may hold almost any sign, and what it stands in would act on some. */

const ACTIVE = /[^A-Za-z0-9./:;_()~-]/g;

export function doiUrl(doi: string): string {
  const encode = (sign: string): string =>
    `%${sign.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;
  return `https://doi.org/${doi.replace(ACTIVE, encode)}`;
}
