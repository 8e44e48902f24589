import { FIELD_TITLES, type FieldName } from '../../src/domain/fields.ts';

/** Our fields by their API names: unique in an org, unlike titles. */
export const FIELD_API_NAMES: Readonly<Record<FieldName, string>> = {
  score: 'CSAT_Score__c',
  rating: 'CSAT_Rating__c',
  level: 'CSAT_Level__c',
  comment: 'CSAT_Comment__c',
  reasons: 'CSAT_Reasons__c',
  answeredAt: 'CSAT_Answered_At__c',
  link: 'CSAT_Link__c',
};

/** The most a comment takes, an answer's own limit and room for characters of two units; Salesforce's own limit is 131,072. */
export const LONGEST_COMMENT = 32_768;

/** A text field's most (2026-11-21). Reports filter and group on text, which they cannot on long text. */
export const LONGEST_REASONS = 255;

/** A field for an address takes no more. Unconfirmed (2026-11-27). */
export const LONGEST_LINK = 255;

/** The pick list's values as the API takes them, with the words agents see. */
export const LEVEL_LABELS = { low: 'Low', neutral: 'Neutral', high: 'High' } as const;

/** What makes a field by the Tooling API, in the words of the Metadata API. */
export const FIELD_METADATA: Readonly<Record<FieldName, Readonly<Record<string, unknown>>>> = {
  score: { type: 'Number', precision: 3, scale: 0 },
  rating: { type: 'Text', length: 255 },
  level: {
    type: 'Picklist',
    valueSet: {
      restricted: true,
      valueSetDefinition: {
        sorted: false,
        value: Object.entries(LEVEL_LABELS).map(([fullName, label]) => ({ fullName, label, default: false })),
      },
    },
  },
  comment: { type: 'LongTextArea', length: LONGEST_COMMENT, visibleLines: 5 },
  reasons: { type: 'Text', length: LONGEST_REASONS },
  answeredAt: { type: 'DateTime' },
  link: { type: 'Url' },
};

/** `Case.CSAT_Score__c`, with the title that agents see. */
export function describeField(name: FieldName): string {
  return `case field "${FIELD_TITLES[name]}"`;
}
