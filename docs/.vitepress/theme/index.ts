// The reader's own fonts: nothing is fetched, not even from the site.
export { default } from 'vitepress/theme-without-fonts';
