"""The learner's part of the page: lessons, questions about the view, narration and terms with tooltips."""
