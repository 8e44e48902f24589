import type { Generated } from 'kysely';
import type { Dimension } from '../domain/report.ts';
import type { Scale } from '../domain/score.ts';
import type { SurveyKind } from '../domain/survey.ts';

/** What figures are made of. All of it can be made again from the other tables. */
export interface ReportTables {
  /** Closures whose facts are stale, as triggers note them; one may stand here often. */
  report_changes: { id: Generated<number>; closure_id: string };
  /** The values of dimensions, and how people read them. */
  report_values: {
    id: Generated<number>;
    dimension: Dimension;
    value: string;
    label: string;
    label_at: Date;
  };
  report_metrics: {
    id: Generated<number>;
    key: string;
    name: string;
    kind: SurveyKind;
    scale: Scale;
    satisfied_from: number;
  };
  report_facts: ReportFactsTable;
  /** Beginnings of subjects, in lower case, for searches. */
  report_titles: { closure_id: string; subject: string };
  report_days: {
    day: string;
    closures: number;
    /** Every value that occurs on it, of any dimension. */
    value_ids: number[];
    /** The metrics that closures of it were asked with, and how many with each. */
    metric_ids: number[];
    asked: number[];
  };
  /** The facts of one day as columns; see `packColumn`. */
  report_columns: { day: string; name: string; data: Uint8Array };
}

/** One closure. Dimensions are ids of `report_values`. */
interface ReportFactsTable {
  closure_id: string;
  closed_at: Date;
  /** On which it closed, in the report's zone. */
  day: string;
  agent: number;
  team: number;
  channel: number;
  topic: number;
  brand: number;
  tier: number;
  language: number;
  connector: number;
  handled_by: number;
  /** Null: nobody was asked. */
  metric: number | null;
  /** Null: nobody answered. */
  score: number | null;
  satisfied: boolean;
  low: boolean;
  commented: boolean;
  reopened: boolean;
  recovered: boolean;
  /** Bits of `SIGNS`. */
  signs: number;
  first_reply_s: number | null;
  resolution_s: number | null;
  /** From the answer to the customer being answered. */
  recovery_s: number | null;
  /** Of a low score that is not recovered. */
  due_at: Date | null;
}
