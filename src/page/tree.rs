//! A page's HTML as a tree, as html5ever builds it: what a browser would make of the same text.

use std::borrow::Cow;
use std::cell::{Ref, RefCell};

use html5ever::tendril::{StrTendril, TendrilSink as _};
use html5ever::tree_builder::{ElementFlags, NodeOrText, QuirksMode, TreeSink};
use html5ever::{Attribute, ParseOpts, QualName, parse_document};

/// A document. Its nodes lie one behind the other and know each other by number.
#[derive(Debug)]
pub(super) struct Tree(Vec<Node>);

/// A node by its number.
type Id = usize;

/// How many bytes of a text go in before the tree is looked at again.
const PIECE: usize = 1024;

/// The document itself, above the outermost element.
const DOCUMENT: Id = 0;

#[derive(Debug)]
struct Node {
    parent: Option<Id>,
    previous: Option<Id>,
    next: Option<Id>,
    first_child: Option<Id>,
    last_child: Option<Id>,
    content: Content,
}

#[derive(Debug)]
enum Content {
    Text(StrTendril),
    Element {
        name: QualName,
        attributes: Vec<Attribute>,
        /// What a `<template>` holds, which is no child of it.
        template: Option<Id>,
    },
    /// The document, a comment, an instruction.
    Other,
}

/// An element of a document.
#[derive(Clone, Copy)]
pub(super) struct Element<'t> {
    tree: &'t Tree,
    id: Id,
}

/// What stands within an element.
pub(super) enum Child<'t> {
    Text(&'t str),
    Element(Element<'t>),
}

impl Tree {
    /// Reads a document. Whatever the text is, there is a tree for it. Again and again the tree so
    /// far is looked at, and where that gives a reason to stop, the rest of the text is left off.
    pub(super) fn read<R>(
        text: &str,
        mut stop: impl FnMut(&Self) -> Option<R>,
    ) -> (Self, Option<R>) {
        let mut parser = parse_document(Sink::default(), ParseOpts::default());
        let (mut rest, mut reason) = (text, None);
        while !rest.is_empty() && reason.is_none() {
            let (piece, behind) = rest.split_at(rest.floor_char_boundary(PIECE));
            parser.process(StrTendril::from_slice(piece));
            reason = stop(&parser.tokenizer.sink.sink.0.borrow());
            rest = behind;
        }
        (parser.finish(), reason)
    }

    /// How many nodes it has.
    pub(super) fn size(&self) -> usize {
        self.0.len()
    }

    /// Whether one of the nodes from that number on is nested more deeply than that.
    pub(super) fn is_deeper(&self, from: usize, depth: usize) -> bool {
        let above = |id: &Id| self.0[*id].parent;
        let deeper = |id: Id| std::iter::successors(Some(id), above).nth(depth).is_some();
        (from..self.0.len()).any(deeper)
    }

    /// Its elements, in the order in which they begin.
    pub(super) fn elements(&self) -> impl Iterator<Item = Element<'_>> {
        (0..self.0.len()).filter_map(|id| self.element(id))
    }

    fn element(&self, id: Id) -> Option<Element<'_>> {
        let is_element = matches!(self.0[id].content, Content::Element { .. });
        is_element.then_some(Element { tree: self, id })
    }

    /// Appends a new node to the arena, where nothing refers to it yet.
    fn add(&mut self, content: Content) -> Id {
        let [parent, previous, next, first_child, last_child] = [None; 5];
        self.0.push(Node { parent, previous, next, first_child, last_child, content });
        self.0.len() - 1
    }

    /// Takes a node out of its place.
    fn detach(&mut self, id: Id) {
        let Node { parent, previous, next, .. } = self.0[id];
        let Some(parent) = parent else { return };
        match previous {
            Some(previous) => self.0[previous].next = next,
            None => self.0[parent].first_child = next,
        }
        match next {
            Some(next) => self.0[next].previous = previous,
            None => self.0[parent].last_child = previous,
        }
        let node = &mut self.0[id];
        (node.parent, node.previous, node.next) = (None, None, None);
    }

    /// Puts a node, or text, below a parent: before a sibling, or behind all. Text joins the text
    /// before it.
    fn insert(&mut self, child: NodeOrText<Id>, parent: Id, before: Option<Id>) {
        let place = |tree: &Self| match before {
            Some(before) => tree.0[before].previous,
            None => tree.0[parent].last_child,
        };
        let id = match child {
            NodeOrText::AppendNode(id) => {
                self.detach(id);
                id
            }
            NodeOrText::AppendText(text) => {
                if let Some(previous) = place(self)
                    && let Content::Text(above) = &mut self.0[previous].content
                {
                    above.push_tendril(&text);
                    return;
                }
                self.add(Content::Text(text))
            }
        };
        let previous = place(self);
        match previous {
            Some(previous) => self.0[previous].next = Some(id),
            None => self.0[parent].first_child = Some(id),
        }
        match before {
            Some(before) => self.0[before].previous = Some(id),
            None => self.0[parent].last_child = Some(id),
        }
        let node = &mut self.0[id];
        (node.parent, node.previous, node.next) = (Some(parent), previous, before);
    }
}

impl<'t> Element<'t> {
    /// Its tag, in lower case: `h2`.
    pub(super) fn name(self) -> &'t str {
        match &self.node().content {
            Content::Element { name, .. } => &name.local,
            _ => "",
        }
    }

    /// The value of an attribute.
    pub(super) fn attribute(self, wanted: &str) -> Option<&'t str> {
        let Content::Element { attributes, .. } = &self.node().content else { return None };
        let found = attributes.iter().find(|attribute| *attribute.name.local == *wanted)?;
        Some(&found.value)
    }

    /// Its classes.
    pub(super) fn classes(self) -> impl Iterator<Item = &'t str> {
        self.attribute("class").unwrap_or_default().split_ascii_whitespace()
    }

    /// The elements and texts right below it.
    pub(super) fn children(self) -> impl Iterator<Item = Child<'t>> {
        let nodes = &self.tree.0;
        let ids = std::iter::successors(self.node().first_child, |id| nodes[*id].next);
        ids.filter_map(move |id| match &nodes[id].content {
            Content::Text(text) => Some(Child::Text(text)),
            Content::Element { .. } => Some(Child::Element(Element { tree: self.tree, id })),
            Content::Other => None,
        })
    }

    /// The elements right below it.
    pub(super) fn child_elements(self) -> impl Iterator<Item = Element<'t>> {
        self.children().filter_map(|child| match child {
            Child::Element(element) => Some(element),
            Child::Text(_) => None,
        })
    }

    /// It and all elements below it, in the order in which they begin.
    pub(super) fn elements_below(self) -> impl Iterator<Item = Element<'t>> {
        self.below(|_| false).filter_map(|id| self.tree.element(id))
    }

    /// The texts below it, without those in elements that are left out.
    pub(super) fn texts_below(
        self,
        is_left_out: fn(Element<'t>) -> bool,
    ) -> impl Iterator<Item = &'t str> {
        self.below(is_left_out).filter_map(|id| match &self.tree.0[id].content {
            Content::Text(text) => Some(&**text),
            _ => None,
        })
    }

    /// It and all nodes below it, in document order; below an element that is left out, none.
    fn below(self, is_left_out: fn(Element<'t>) -> bool) -> impl Iterator<Item = Id> {
        let inside =
            move |id: &Id| *id == self.id || !self.tree.element(*id).is_some_and(is_left_out);
        let first_inside = move |id: Id| self.tree.0[id].first_child.filter(|_| inside(&id));
        let following = move |id: &Id| first_inside(*id).or_else(|| self.behind(*id));
        std::iter::successors(Some(self.id), following)
    }

    /// The node behind another one and all that is below that, as long as it is below this element.
    fn behind(self, mut id: Id) -> Option<Id> {
        while id != self.id {
            let node = &self.tree.0[id];
            if node.next.is_some() {
                return node.next;
            }
            id = node.parent?;
        }
        None
    }

    fn node(self) -> &'t Node {
        &self.tree.0[self.id]
    }
}

/// What html5ever builds the tree with.
#[derive(Debug)]
struct Sink(RefCell<Tree>);

impl Default for Sink {
    fn default() -> Self {
        let mut tree = Tree(Vec::new());
        tree.add(Content::Other);
        Self(RefCell::new(tree))
    }
}

impl TreeSink for Sink {
    type Handle = Id;
    type Output = Tree;
    type ElemName<'a> = Ref<'a, QualName>;

    fn finish(self) -> Tree {
        self.0.into_inner()
    }

    fn parse_error(&self, _message: Cow<'static, str>) {}

    fn get_document(&self) -> Id {
        DOCUMENT
    }

    fn elem_name<'a>(&'a self, target: &'a Id) -> Ref<'a, QualName> {
        Ref::map(self.0.borrow(), |tree| match &tree.0[*target].content {
            Content::Element { name, .. } => name,
            _ => unreachable!("only elements are asked for their name"),
        })
    }

    fn create_element(
        &self,
        name: QualName,
        attributes: Vec<Attribute>,
        flags: ElementFlags,
    ) -> Id {
        let mut tree = self.0.borrow_mut();
        let template = flags.template.then(|| tree.add(Content::Other));
        let id = tree.add(Content::Element { name, attributes, template });
        if let Some(template) = template {
            tree.0[template].parent = Some(id);
        }
        id
    }

    fn create_comment(&self, _text: StrTendril) -> Id {
        self.0.borrow_mut().add(Content::Other)
    }

    fn create_pi(&self, _target: StrTendril, _data: StrTendril) -> Id {
        self.0.borrow_mut().add(Content::Other)
    }

    fn append(&self, parent: &Id, child: NodeOrText<Id>) {
        self.0.borrow_mut().insert(child, *parent, None);
    }

    fn append_before_sibling(&self, sibling: &Id, new_node: NodeOrText<Id>) {
        let mut tree = self.0.borrow_mut();
        if let Some(parent) = tree.0[*sibling].parent {
            tree.insert(new_node, parent, Some(*sibling));
        }
    }

    fn append_based_on_parent_node(&self, element: &Id, prev_element: &Id, child: NodeOrText<Id>) {
        let has_parent = self.0.borrow().0[*element].parent.is_some();
        if has_parent {
            self.append_before_sibling(element, child);
        } else {
            self.append(prev_element, child);
        }
    }

    fn append_doctype_to_document(&self, _: StrTendril, _: StrTendril, _: StrTendril) {}

    fn get_template_contents(&self, target: &Id) -> Id {
        match self.0.borrow().0[*target].content {
            Content::Element { template: Some(template), .. } => template,
            _ => *target,
        }
    }

    fn same_node(&self, x: &Id, y: &Id) -> bool {
        x == y
    }

    fn set_quirks_mode(&self, _mode: QuirksMode) {}

    fn add_attrs_if_missing(&self, target: &Id, more: Vec<Attribute>) {
        let mut tree = self.0.borrow_mut();
        if let Content::Element { attributes, .. } = &mut tree.0[*target].content {
            for attribute in more {
                if !attributes.iter().any(|there| there.name == attribute.name) {
                    attributes.push(attribute);
                }
            }
        }
    }

    fn remove_from_parent(&self, target: &Id) {
        self.0.borrow_mut().detach(*target);
    }

    fn reparent_children(&self, node: &Id, new_parent: &Id) {
        let mut tree = self.0.borrow_mut();
        while let Some(child) = tree.0[*node].first_child {
            tree.insert(NodeOrText::AppendNode(child), *new_parent, None);
        }
    }
}
