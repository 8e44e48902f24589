import { caseRules, commentRules } from './case-rules.ts';
import {
  assignmentRules,
  fieldPermissionRules,
  objectPermissionRules,
  permissionSetRules,
} from './permission-rules.ts';
import { taskRules } from './task-rules.ts';
import type { ObjectRules } from './transaction.ts';

/** What Salesforce itself does with records, by the name of their object. */
export const objectRules: Readonly<Record<string, ObjectRules>> = {
  Case: caseRules,
  CaseComment: commentRules,
  Task: taskRules,
  PermissionSet: permissionSetRules,
  PermissionSetAssignment: assignmentRules,
  FieldPermissions: fieldPermissionRules,
  ObjectPermissions: objectPermissionRules,
};
