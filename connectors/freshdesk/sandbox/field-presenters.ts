import type { TicketField } from './model.ts';
import { instant, type State } from './state.ts';

/** A field as agents read it, with what can be chosen. */
export function presentField(state: State, field: TicketField): Record<string, unknown> {
  return { ...presentFieldFacts(field), ...presentAgentChoices(state, field) };
}

/** A field as admins read it. Lists leave the choices out. */
export function presentAdminField(
  field: TicketField,
  options: { withChoices: boolean },
): Record<string, unknown> {
  const choices = field.choices.map(({ id, value, position }) => ({ id, label: value, value, position }));
  const hasChoices = options.withChoices && field.type === 'custom_dropdown';
  return { ...presentFieldFacts(field), archived: false, ...(hasChoices ? { choices } : {}) };
}

function presentFieldFacts(field: TicketField): Record<string, unknown> {
  return {
    id: field.id,
    name: field.name,
    label: field.label,
    description: null,
    position: field.position,
    required_for_closure: field.requiredForClosure,
    required_for_agents: field.requiredForAgents,
    type: field.type,
    default: field.isDefault,
    customers_can_edit: field.customersCanEdit,
    label_for_customers: field.labelForCustomers,
    required_for_customers: field.requiredForCustomers,
    displayed_to_customers: field.displayedToCustomers,
    created_at: instant(field.createdAt),
    updated_at: instant(field.updatedAt),
  };
}

/** Statuses by number with two labels, groups and agents by name, types and dropdowns as lists. */
function presentAgentChoices(state: State, field: TicketField): Record<string, unknown> {
  const byName = (records: Iterable<{ readonly id: number; readonly name: string }>): unknown =>
    Object.fromEntries([...records].map(({ id, name }) => [name, id]));
  switch (field.type) {
    case 'default_status':
      return {
        choices: Object.fromEntries(
          [...state.statuses].map(([id, { agentLabel, customerLabel }]) => [id, [agentLabel, customerLabel]]),
        ),
      };
    case 'default_priority':
      return { choices: { Low: 1, Medium: 2, High: 3, Urgent: 4 } };
    case 'default_ticket_type':
      return { choices: state.ticketTypes };
    case 'default_group':
      return { choices: byName(state.groups.values()) };
    case 'default_agent':
      return { choices: byName(state.agents.values()) };
    case 'default_product':
      return { choices: byName(state.products.values()) };
    case 'custom_dropdown':
      return { choices: field.choices.map(({ value }) => value) };
    default:
      return {};
  }
}
