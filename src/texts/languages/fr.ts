import type { Texts } from '../texts.ts';

/** French, in the polite form. A space that must not break stands before ? : and inside « ». */
export const fr: Texts = {
  direction: 'ltr',
  question: {
    csat: 'Comment évaluez-vous l’assistance que vous avez reçue\u00a0?',
    ces: 'A-t-il été facile d’obtenir l’aide dont vous aviez besoin\u00a0?',
    nps: 'Quelle est la probabilité que vous nous recommandiez à un proche ou à un collègue\u00a0?',
  },
  labels: {
    thumbs: ['Pouce vers le bas', 'Pouce vers le haut'],
    five: ['Très insatisfaisante', 'Insatisfaisante', 'Neutre', 'Satisfaisante', 'Très satisfaisante'],
    seven: [
      'Très insatisfaisante',
      'Insatisfaisante',
      'Plutôt insatisfaisante',
      'Neutre',
      'Plutôt satisfaisante',
      'Satisfaisante',
      'Très satisfaisante',
    ],
    ends: {
      csat: ['Très insatisfaisante', 'Très satisfaisante'],
      ces: ['Très difficile', 'Très facile'],
      nps: ['Pas du tout probable', 'Extrêmement probable'],
    },
  },
  reasons: {
    person: 'La personne qui m’a aidé',
    policy: 'Vos règles ou conditions',
    product: 'Le produit lui-même',
    wait: 'Le temps que cela a pris',
  },
  mail: {
    subject: 'Votre demande {number}\u00a0: que pensez-vous de l’assistance reçue\u00a0?',
    subjectWithBrand:
      'Votre demande {number} auprès de {brand}\u00a0: que pensez-vous de l’assistance reçue\u00a0?',
    greeting: 'Bonjour,',
    greetingWithName: 'Bonjour {name},',
    closed: 'Votre demande {number} a été clôturée.',
    closedWithSubject: 'Votre demande {number}, «\u00a0{subject}\u00a0», a été clôturée.',
    choose:
      'Choisissez une réponse. Une page s’ouvre, où vous pouvez ajouter un commentaire si vous le souhaitez.',
    open: 'Ouvrir la page de l’enquête',
    preview:
      'Un seul geste suffit\u00a0: que pensez-vous de l’assistance reçue pour votre demande {number}\u00a0?',
    replies: 'Si vous répondez à cet e-mail, votre message est conservé avec votre demande.',
    reminderSubject: 'Rappel\u00a0: que pensez-vous de l’assistance reçue pour votre demande {number}\u00a0?',
    reminderSubjectWithBrand:
      'Rappel de {brand}\u00a0: que pensez-vous de l’assistance reçue pour votre demande {number}\u00a0?',
    reminder:
      'Nous vous avons interrogé il y a quelques jours au sujet de votre demande {number}. Ceci est le seul rappel.',
    reason: 'Vous recevez cet e-mail parce que votre demande {number} a été clôturée.',
    optOut: 'Ne plus recevoir d’enquêtes',
  },
  page: {
    title: 'Votre réponse',
    request: 'Demande {number}',
    comment: 'Que pourrions-nous améliorer\u00a0?',
    optional: 'facultatif',
    submit: 'Envoyer la réponse',
    update: 'Enregistrer les modifications',
    saved: 'Enregistré\u00a0: {score}. Vous pouvez ajouter un commentaire.',
    held: 'Veuillez appuyer sur «\u00a0{button}\u00a0», afin que nous sachions que vous êtes une personne et non un programme qui vérifie les e-mails.',
    reasons: 'De quoi s’agissait-il\u00a0?',
    changing: 'Vous avez déjà répondu. Vous pouvez modifier votre réponse jusqu’au {date}.',
    thanksTitle: 'Merci',
    thanks: 'Votre réponse a été enregistrée avec votre demande, où l’équipe d’assistance peut la lire.',
    thanksHigh:
      'Nous en sommes ravis. Votre réponse a été enregistrée avec votre demande, où l’équipe peut la lire.',
    thanksFollowUp:
      'Un membre de l’équipe d’assistance a été chargé d’examiner la situation et de revenir vers vous.',
    yourAnswer: 'Votre réponse\u00a0: {score}',
    yourComment: 'Votre commentaire',
    change: 'Modifier ma réponse',
    changeUntil: 'Vous pouvez la modifier jusqu’au {date}.',
    final: 'Elle ne peut plus être modifiée.',
    scoreMissing: 'Veuillez choisir l’une des réponses.',
    commentTooLong:
      'Votre commentaire compte {length, plural, one {# caractère} other {# caractères}}\u00a0; {max, number} au plus peuvent être enregistrés. Veuillez le raccourcir. Rien n’est perdu\u00a0: il est toujours dans le champ.',
    tooMuch:
      'Ce qui a été envoyé est trop long pour être enregistré. Veuillez revenir en arrière et raccourcir votre commentaire.',
    closedTitle: 'La réponse ne peut plus être modifiée',
    closed:
      'La réponse que vous avez donnée est conservée. Le délai pendant lequel elle pouvait être modifiée est écoulé.',
    expiredTitle: 'Cette enquête est terminée',
    expired:
      'Le lien était valable pour une durée limitée\u00a0; aucune réponse n’a donc été enregistrée. Merci d’avoir voulu répondre.',
    otherWay:
      'Si vous souhaitez nous dire quelque chose, contactez l’équipe d’assistance au sujet de cette demande.',
    unknownTitle: 'Ce lien ne fonctionne pas',
    unknown: 'Il est peut-être incomplet. Veuillez l’ouvrir à nouveau depuis l’e-mail que vous avez reçu.',
    busyTitle: 'Un instant, s’il vous plaît',
    busy: 'Ce lien a été ouvert de très nombreuses fois en une minute. Veuillez réessayer dans un instant.',
    failedTitle: 'Cela n’a pas fonctionné',
    failed: 'L’erreur vient de chez nous. Veuillez réessayer dans quelques minutes.',
  },
  optOut: {
    title: 'Plus d’enquêtes',
    explain:
      'Appuyez sur le bouton, et nous ne vous enverrons plus d’enquêtes au sujet de demandes clôturées.',
    button: 'Ne plus recevoir d’enquêtes',
    doneTitle: 'C’est fait',
    done: 'Nous ne vous enverrons plus d’enquêtes. Les e-mails au sujet de vos demandes ne sont pas concernés.',
  },
};
