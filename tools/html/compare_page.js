// The page of a comparison.
function comparePage(compare) {
  return {title: 'Comparison', lead: [], sections: []};
}
