/** Every document, by who reads it. A test holds the list to the folder. */
export const SIDEBAR = [
  {
    text: 'Start',
    items: [
      { text: 'For researchers', link: '/getting-started-researchers' },
      { text: 'For reviewers', link: '/getting-started-reviewers' },
      { text: 'For lab engineers', link: '/getting-started-lab-engineers' },
      { text: 'The chain of proof, attacked', link: '/demo' },
      { text: 'Questions', link: '/faq' },
      { text: 'What others use', link: '/comparison' },
      { text: 'What a verdict doesn’t prove', link: '/non-claims' },
    ],
  },
  {
    text: 'Researchers: record',
    items: [
      { text: 'In the notebook', link: '/notebook' },
      { text: 'Jobs of IBM Quantum', link: '/runtime' },
      { text: 'Which OpenQASM is read', link: '/openqasm' },
      { text: 'What differs between SDKs', link: '/portability' },
      { text: 'Publish, cite, review', link: '/publish' },
      { text: 'From the original toolkit', link: '/from-the-original' },
    ],
  },
  {
    text: 'Reviewers: verify',
    items: [
      { text: 'The checks', link: '/checks' },
      { text: 'The verifier page', link: '/verifier-page' },
      { text: 'Are the counts plausible?', link: '/plausibility' },
      { text: 'Do results agree?', link: '/statistics' },
      { text: 'Whom you trust: the policy', link: '/policy' },
      { text: 'Who could cheat: threat model', link: '/threat-model' },
    ],
  },
  {
    text: 'Lab engineers: run it',
    items: [
      { text: 'A bundle with every layer', link: '/every-layer' },
      { text: 'Chain anchors', link: '/anchors' },
      { text: 'In CI', link: '/ci' },
      { text: 'In containers', link: '/containers' },
      { text: 'The emulator of IBM’s API', link: '/emulator' },
      { text: 'Performance', link: '/performance' },
    ],
  },
  {
    text: 'Reference',
    items: [
      { text: 'The command line', link: '/cli' },
      { text: 'Every flag and exit code', link: '/cli-reference' },
      { text: 'The record, byte for byte', link: '/format' },
      { text: 'Captures', link: '/capture' },
      { text: 'The library', link: '/library' },
      { text: 'The simulator', link: '/simulator' },
      { text: 'Adding an SDK', link: '/adding-an-sdk' },
      { text: 'The runner protocol', link: '/runner-protocol' },
      { text: 'Decisions', link: '/decisions' },
    ],
  },
];
